import { HOST } from '../../examples/bookinfo/configuration.ts';
import { apiUrl, gatewayHost, gatewayUrl, type House } from './house.ts';
import { TENANT } from './tenant.ts';

/** Text for a person, and commands that work as they stand: each is one shell command, with nothing to fill in. */
export function summary(house: House, caFile: string): string {
  const { options, folder, credentials } = house;
  const lines = commands(house, caFile).map(({ about, command }) => `# ${about}\n${command}\n`);
  return `
Gatehouse is up.

  Gateway    ${gatewayUrl(house)}  and  https://${gatewayHost(house)}:${options.https}
  API        ${apiUrl(house)}  (documentation at ${apiUrl(house)}/docs)
  Tenant     ${TENANT}
  Token      ${credentials.tenantToken}
  Data       ${folder.path}  (logs in ${folder.logs})

Try, in another terminal:

${lines.join('\n')}
Ctrl-C stops everything; the next start goes on from the same data.`;
}

interface Command {
  about: string;
  command: string;
}

function commands(house: House, caFile: string): Command[] {
  const { options, credentials } = house;
  const gateway = gatewayUrl(house);
  const hello = `hello.${HOST}`;
  const route = {
    hosts: [hello],
    gateways: ['bookinfo'],
    http: [{ directResponse: { status: 200, body: 'Live in milliseconds.\n' } }],
  };
  return [
    {
      about: 'the canary: of 200 requests, about 5% reach reviews v2',
      command: `curl -s -H 'Host: ${HOST}' '${gateway}/reviews/1?request=[1-200]' | grep -o '"version":"v."' | sort | uniq -c`,
    },
    {
      about: 'one user sees v3, with red stars',
      command: `curl -s -H 'Host: ${HOST}' -H 'end-user: jason' ${gateway}/reviews/1`,
    },
    {
      about: 'HTTPS, verified by the demo CA, and a rewrite: /v1/1 reaches reviews v1 as /reviews/1',
      command: `curl -s --cacert ${quote(caFile)} --resolve ${HOST}:${options.https}:${gatewayHost(house)} https://${HOST}:${options.https}/v1/1`,
    },
    {
      about: 'a route of your own, live when the API answers',
      command: `curl -sS -X PUT ${apiUrl(house)}/v1/tenants/${TENANT}/routes/hello \\
  -H 'Authorization: Bearer ${credentials.tenantToken}' -H 'Content-Type: application/json' -H 'Prefer: wait=10' \\
  -d ${quote(JSON.stringify(route))} -o /dev/null -w 'PUT: %{http_code}\\n' \\
  && curl -s -H 'Host: ${hello}' ${gateway}/`,
    },
  ];
}

/** For a POSIX shell; plain words stay as they are. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
