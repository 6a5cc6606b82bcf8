import { request as httpsRequest } from 'node:https';
import * as http from '../http.ts';

/** A response of the control API. */
export interface Answer {
  status: number;
  /** The time of the API, in milliseconds since 1970; undefined when the response does not state it. */
  date: number | undefined;
  /** The body, parsed from JSON; undefined when it is not JSON. */
  body: unknown;
}

const SILENCE_MS = 10_000;
/** No answer that an agent expects here is longer. */
const LONGEST_BODY = 64 * 1024;

/**
 * Sends JSON to the control API without a credential.
 *
 * @param url the whole URL, http or https
 * @throws Error when the API cannot be reached, or is silent for 10 s
 */
export function post(url: string, body: object): Promise<Answer> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? httpsRequest : http.request)(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      timeout: SILENCE_MS,
    });
    request.on('timeout', () => request.destroy(new Error(`the API was silent for ${SILENCE_MS} ms`)));
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > LONGEST_BODY) response.destroy(new Error('the answer is too long'));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        const date = Date.parse(response.headers.date ?? '');
        resolve({
          status: response.statusCode ?? 0,
          date: Number.isNaN(date) ? undefined : date,
          body: parsed(Buffer.concat(chunks).toString('utf8')),
        });
      });
    });
    request.end(text);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
