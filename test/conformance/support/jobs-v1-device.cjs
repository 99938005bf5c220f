// A device on the unmodified aws-iot-device-sdk (v1): takes every job, says that it is in progress and then that it succeeded.
// Arguments: path of the SDK, thing name, connection options as JSON. Prints one JSON object a line.
const [, , sdk, thingName, options] = process.argv;
const { jobs: JobsClient } = require(sdk);

const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const jobs = JobsClient(JSON.parse(options));

const work = (kind) => (error, job) => {
  if (error) return say({ error: String(error) });
  say({ job: job.id, kind, operation: job.operation, document: job.document, status: job.status.status });
  if (job.operation === 'fail') return job.failed({ reason: 'told-to' }, () => say({ failed: job.id }));
  job.inProgress({ step: '1-of-2' }, () => job.succeeded({ step: '2-of-2' }, () => say({ succeeded: job.id })));
};

jobs.on('connect', () => say({ connected: thingName }));
jobs.on('error', (error) => say({ error: String(error) }));
jobs.subscribeToJobs(thingName, 'install', work('install'));
jobs.subscribeToJobs(thingName, work('other'));
jobs.startJobNotifications(thingName, (error) => say({ started: error === null || error === undefined }));
process.on('SIGTERM', () => jobs.end(true, () => process.exit(0)));
