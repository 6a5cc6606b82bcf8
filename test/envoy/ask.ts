import { type RequestOptions, request } from 'node:http';
import { request as secureRequest } from 'node:https';

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  /** What the echoing upstream saw. */
  seen?: { method: string; url: string; headers: Record<string, string> };
}

/** One request on a connection of its own, the Host header exactly as given. */
export function ask(
  {
    body: payload,
    ...options
  }: RequestOptions & { servername?: string; ca?: string; rejectUnauthorized?: boolean; body?: Uint8Array },
  secure = false,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = (secure ? secureRequest : request)(
      { host: '127.0.0.1', agent: false, timeout: 10_000, ...options },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => {
          const json = response.headers['content-type'] === 'application/json';
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body,
            ...(json && { seen: JSON.parse(body) }),
          });
        });
      },
    );
    sent.on('error', reject).on('timeout', () => sent.destroy(new Error('no answer within 10 s')));
    sent.end(payload);
  });
}
