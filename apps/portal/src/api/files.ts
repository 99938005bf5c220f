import { connection } from './connection.js';
import { ApiError, type Fault } from './post.js';
import { accessToken } from './session.js';

interface Refusal {
  errors?: { message: string; extensions?: { code?: string; faults?: Fault[]; requestId?: string } }[];
}

const refusalOf = (text: string, status: number): ApiError => {
  let said: Refusal = {};
  try {
    said = JSON.parse(text) as Refusal;
  } catch {
    // Not from the API itself: the status has to do.
  }
  const first = said.errors?.[0];
  const { code, faults, requestId } = first?.extensions ?? {};
  return new ApiError(code ?? 'INTERNAL', first?.message ?? `HTTP ${status}`, faults, requestId);
};

/** Fetches a file as the signed-in user and offers it to be saved. */
export async function downloadFile(path: string, name: string): Promise<void> {
  const response = await fetch(path, { headers: { authorization: `Bearer ${await accessToken()}` } }).catch(
    (error: unknown) => {
      connection.lost();
      throw new ApiError('NETWORK', String(error));
    },
  );
  if (!response.ok) throw refusalOf(await response.text(), response.status);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

interface Upload {
  readonly path: string;
  readonly body: Blob | string;
  readonly type: string;
  /** Share that is sent, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

/** Sends a file; `fetch` cannot tell how much has gone. */
export async function upload<T>({ path, body, type, onProgress }: Upload): Promise<T> {
  const token = await accessToken();
  return new Promise<T>((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('authorization', `Bearer ${token}`);
    request.setRequestHeader('content-type', type);
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onload = () => {
      connection.reached();
      if (request.status >= 200 && request.status < 300) resolve(JSON.parse(request.responseText) as T);
      else reject(refusalOf(request.responseText, request.status));
    };
    request.onerror = () => reject(new ApiError('NETWORK', 'The connection was lost while sending.'));
    request.send(body);
  });
}
