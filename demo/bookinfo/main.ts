/**
 * The Bookinfo application: `node demo/bookinfo/main.ts`.
 *
 * BOOKINFO_PORT     first of six ports in a row on 127.0.0.1; default 19080
 * BOOKINFO_GATEWAY  base URL of the Envoy through which the page reads its reviews, such as http://127.0.0.1:10180
 * BOOKINFO_HOST     host that the page sends to that Envoy, such as demo.gatehouse.localhost
 */
import { FIRST_PORT, portsFrom } from './ports.ts';
import { startBookinfo } from './start.ts';

const { BOOKINFO_PORT = String(FIRST_PORT), BOOKINFO_GATEWAY, BOOKINFO_HOST } = process.env;

const ports = portsFrom(Number(BOOKINFO_PORT));
const bookinfo = await startBookinfo({
  ports,
  ...(BOOKINFO_GATEWAY && BOOKINFO_HOST && { gateway: { url: BOOKINFO_GATEWAY, host: BOOKINFO_HOST } }),
});
console.log(`bookinfo: productpage on http://127.0.0.1:${ports.productpage}/productpage`);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void bookinfo.close().then(() => process.exit(0));
  });
}
