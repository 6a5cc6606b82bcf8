import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Forwards datagrams to a port of loopback, as a server between two Envoys would: an Envoy refuses its own ports as upstreams. */
export async function startRelay(target: () => number): Promise<{ port: number; close(): void }> {
  const clients = new Map<number, Socket>();
  const front = createSocket('udp4');
  front.on('message', (datagram, { port, address }) => {
    let back = clients.get(port);
    if (!back) {
      clients.set(port, (back = createSocket('udp4')));
      back.on('message', (answer) => front.send(answer, port, address));
    }
    back.send(datagram, target(), '127.0.0.1');
  });
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    port: front.address().port,
    close: () => {
      for (const socket of [front, ...clients.values()]) socket.close();
    },
  };
}
