import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../replace-file.js';

interface Pair {
  readonly keyFile: string;
  readonly certFile: string;
}

/** A rotation that was begun: which job asked for it, and the files of the new identity and of the former one. */
interface Begun {
  readonly jobId: string;
  readonly next: Pair;
  readonly former: Pair;
}

/**
 * The key and certificate of an identity folder while they are being replaced. `endpoint.json` names the files of the identity
 * that is used; it is replaced as a whole when the new pair is on disk, and the former pair goes after that. `rotation.json` says
 * what was begun, so that the next start goes on with the same key.
 */
export class IdentityFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The key of the rotation that this job asked for; made when it is not there. `done`: the new identity is in use. */
  async begin(jobId: string): Promise<{ readonly key: KeyObject; readonly done: boolean }> {
    const begun = (await this.#begunBy(jobId)) ?? (await this.#start(jobId));
    const { keyFile, certFile } = begun.next;
    const found = await this.#read(keyFile);
    const key = found === undefined ? newKey() : createPrivateKey(found);
    if (found === undefined)
      await replaceFile(this.#path(keyFile), key.export({ format: 'pem', type: 'pkcs8' }).toString(), 0o600);
    return { key, done: (await this.#used()).certFile === certFile };
  }

  /** From now on the new identity is used. @throws Error for a certificate that is not of its key; nothing changes then. */
  async use(jobId: string, certificatePem: string): Promise<void> {
    const begun = await this.#begunBy(jobId);
    if (!begun) throw new Error(`no rotation was begun by ${jobId}`);
    const { keyFile, certFile } = begun.next;
    const key = await this.#read(keyFile);
    if (key === undefined || !new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(key)))
      throw new Error('the certificate is not of the key it was asked for with');
    await replaceFile(this.#path(certFile), certificatePem);
    await replaceFile(
      this.#path('endpoint.json'),
      `${JSON.stringify({ ...(await this.#endpoint()), certFile, keyFile }, null, 2)}\n`,
    );
  }

  /** Forgets the identity that is not used, and the rotation. */
  async tidy(): Promise<void> {
    const begun = await this.#begun();
    if (!begun) return;
    const { certFile } = await this.#used();
    const unused = certFile === begun.next.certFile ? begun.former : begun.next;
    await rm(this.#path(unused.keyFile), { force: true });
    await rm(this.#path(unused.certFile), { force: true });
    await rm(this.#path('rotation.json'), { force: true });
  }

  async #start(jobId: string): Promise<Begun> {
    await this.tidy();
    const next = { keyFile: `key-${jobId}.pem`, certFile: `cert-${jobId}.pem` };
    const begun = { jobId, next, former: await this.#used() };
    await replaceFile(this.#path('rotation.json'), `${JSON.stringify(begun)}\n`);
    return begun;
  }

  async #begunBy(jobId: string): Promise<Begun | undefined> {
    const begun = await this.#begun();
    return begun?.jobId === jobId ? begun : undefined;
  }

  async #begun(): Promise<Begun | undefined> {
    const text = await this.#read('rotation.json');
    return text === undefined ? undefined : (JSON.parse(text) as Begun);
  }

  async #used(): Promise<Pair> {
    const { keyFile = 'key.pem', certFile = 'cert.pem' } = (await this.#endpoint()) as Partial<Pair>;
    return { keyFile, certFile };
  }

  async #endpoint(): Promise<object> {
    return JSON.parse(await readFile(this.#path('endpoint.json'), 'utf8')) as object;
  }

  #read(name: string): Promise<string | undefined> {
    return readFile(this.#path(name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

const newKey = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
