import { request } from '../http.ts';

const TIMEOUT_MS = 5_000;

/**
 * Sends a request to the admin interface of an Envoy.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/operations/admin
 *
 * @param socketPath the Unix socket of the interface
 * @returns the body
 * @throws Error when Envoy answers anything but 200, or nothing within 5 s
 */
export function askAdmin(socketPath: string, path: string, method: 'GET' | 'POST' = 'GET'): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method, agent: false, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`Envoy answered ${response.statusCode}`)),
      );
    });
    asked.on('timeout', () => asked.destroy(new Error(`Envoy was silent for ${TIMEOUT_MS} ms`)));
    asked.on('error', reject);
    asked.end();
  });
}
