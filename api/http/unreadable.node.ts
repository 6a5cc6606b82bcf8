import { maxHeaderSize, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Problem, problemResponse } from '../problem.ts';

/**
 * Responds to bytes that Node cannot parse as a request, and closes the connection. Node's server reports such bytes as
 * `clientError`.
 */
export async function answerUnreadable(error: Error & { code?: string }, socket: Duplex): Promise<void> {
  // A second response must not be mixed into one that is being sent. Node's default handler has the same check.
  const { _httpMessage: answering } = socket as { _httpMessage?: ServerResponse };
  if (error.code === 'ECONNRESET' || !socket.writable || answering?.headersSent) return void socket.destroy();
  const response = problemResponse(problemOf(error.code), crypto.randomUUID());
  const body = await response.text();
  const lines = [...response.headers, ['content-length', Buffer.byteLength(body)], ['connection', 'close']];
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${response.status} \r\n${head}\r\n${body}`);
}

function problemOf(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('headers-too-large', { detail: `at most ${maxHeaderSize} bytes, including the request line` });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('request-timeout', { detail: 'the request was not complete in time' });
    case 'HPE_INVALID_METHOD':
      return new Problem('malformed-request', { detail: 'the method is unknown, or the request is not HTTP/1.1' });
    default:
      return new Problem('malformed-request', { detail: 'the request is not HTTP/1.1' });
  }
}
