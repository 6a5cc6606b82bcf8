import { connect } from 'cloudflare:sockets';
import { type DnsTransport, Frame, framed } from '../dns/transport.ts';

/** Sends DNS queries over TCP, because Workers have no UDP. */
export const workersTransport: DnsTransport = {
  async tcp({ address, port }, query, signal) {
    const socket = connect({ hostname: address, port });
    const close = () => void socket.close().catch(() => {});
    // The other promise of the socket would be reported as not handled.
    socket.closed.catch(() => {});
    signal.addEventListener('abort', close, { once: true });
    try {
      const writer = socket.writable.getWriter();
      await writer.write(framed(query));
      const reader = socket.readable.getReader();
      const frame = new Frame();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) throw signal.reason ?? new Error('the connection was closed');
        const reply = frame.add(value);
        if (reply) return reply;
      }
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  },
};
