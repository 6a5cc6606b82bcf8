/** Listens at an address and passes everything on to a unix socket: `node relay.ts HOST PORT SOCKET`. */
import { connect, createServer } from 'node:net';

const [host, port, target] = process.argv.slice(2) as [string, string, string];
createServer((client) => {
  const upstream = connect(target);
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }
}).listen(Number(port), host, () => process.stdout.write('listening\n'));
