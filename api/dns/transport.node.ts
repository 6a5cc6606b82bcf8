import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { type DnsTransport, Frame, framed } from './transport.ts';

/** Sends DNS queries with the sockets of Node. */
export const dnsSockets: DnsTransport = {
  udp: ({ address, port }, query, accepts, signal) =>
    new Promise((resolve, reject) => {
      // The kernel chooses a random port, and drops packets of others, since the socket is connected.
      const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
      let isOpen = true;
      const end = (settle: () => void) => {
        if (!isOpen) return;
        isOpen = false;
        signal.removeEventListener('abort', abort);
        socket.close();
        settle();
      };
      const abort = () => end(() => reject(signal.reason));
      signal.addEventListener('abort', abort);
      socket.on('error', (error) => end(() => reject(error)));
      socket.on('message', (reply) => {
        if (accepts(reply)) end(() => resolve(reply));
      });
      socket.connect(port, address, () => isOpen && socket.send(query));
    }),

  tcp: ({ address, port }, query, signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host: address, port });
      const frame = new Frame();
      const abort = () => socket.destroy(signal.reason);
      signal.addEventListener('abort', abort);
      socket.on('error', reject);
      socket.on('close', () => {
        signal.removeEventListener('abort', abort);
        reject(new Error('the connection was closed'));
      });
      socket.on('data', (bytes: Uint8Array) => {
        const reply = frame.add(bytes);
        if (!reply) return;
        resolve(reply);
        socket.destroy();
      });
      socket.write(framed(query));
    }),
};
