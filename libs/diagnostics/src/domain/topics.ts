const prefixOf = (thingName: string, executionId: string): string =>
  `$aws/commands/things/${thingName}/executions/${executionId}`;

/** Our requests are JSON. */
export const requestTopic = (thingName: string, executionId: string): string =>
  `${prefixOf(thingName, executionId)}/request/json`;

export type AnswerFormat = 'json' | 'cbor';

/** Execution and format of an answer's topic `…/executions/{id}/response[/{format}]`; JSON when it names none. */
export function readAnswerTopic(topic: string): { executionId: string; format: AnswerFormat } {
  const [, , , , , executionId = '', , format] = topic.split('/');
  return { executionId, format: format === 'cbor' ? 'cbor' : 'json' };
}

/** `…/response/json` is confirmed on `…/response/accepted/json`, `…/response` on `…/response/accepted`. */
export function verdictTopic(answerTopic: string, verdict: 'accepted' | 'rejected'): string {
  const [head, format] = answerTopic.split('/response');
  return `${head}/response/${verdict}${format ?? ''}`;
}

/** Whether a thing that subscribes to this filter hears our requests of any execution. */
export function hearsRequests(thingName: string, filter: string): boolean {
  const levels = requestTopic(thingName, '+').split('/');
  const asked = filter.split('/');
  for (const [i, level] of asked.entries()) {
    if (level === '#') return i >= 1;
    if (i >= levels.length || (level !== '+' && level !== levels[i])) return false;
  }
  return asked.length === levels.length;
}
