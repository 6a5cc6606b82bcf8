import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Disconnects clients that read nothing of their response for some time. A response that has nothing to send yet, such
 * as one that waits for a revision, has no time limit.
 *
 * @param ms the time without progress, in milliseconds
 */
export function disconnectUnread(server: Server, ms: number): void {
  server.timeout = ms;
  server.prependListener('request', (_request, response) => {
    // Node disconnects the client of a response that has no listener here.
    response.on('timeout', (socket: Socket) => {
      if (socket.writableLength > 0) socket.destroy();
    });
  });
}
