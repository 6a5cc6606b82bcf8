import { BLOCKED_BY_BROWSERS } from '../process/blocked-ports.ts';
import { quote } from '../terminal/quote.ts';
import { apiUrl, curlOptions, gatewayUrl, hostUrl, type Installation, isOnLocalhost } from './installation.ts';
import { PLATFORM_GATEWAY } from './platform.ts';
import { HOST, TENANT } from './tenant.ts';

/**
 * Makes the text that `up` prints after the start. Each command in it is one shell command without placeholders, so
 * that it works as printed.
 */
export function summary(installation: Installation, caFile: string): string {
  const { options, folder, credentials } = installation;
  const lines = commands(installation, caFile).map(({ about, command }) => `# ${about}\n${command}\n`);
  const refused = [options.http, options.https].filter((port) => BLOCKED_BY_BROWSERS.has(port));
  const notes = [
    ...(isOnLocalhost(options) ? [] : [`Browsers do not reach it on ${options.address}. The commands below do.`]),
    ...refused.map((port) => `Browsers refuse port ${port}: choose another with --http or --https.`),
  ].map((note) => `             ${note}\n`);
  return `
Gatehouse is up.

  Demo       ${hostUrl(HOST, installation)}  (browsers warn, because a CA in the data folder issued the certificate)
${notes.join('')}  Gateway    ${gatewayUrl(installation)}  and  ${gatewayUrl(installation, 'https')}
  API        ${apiUrl(installation)}  (documentation at ${apiUrl(installation)}/docs)
  Sign up    ${apiUrl(installation)}/sign-up  (mail goes to ${folder.mail})
  Tenant     ${TENANT}
  Token      ${credentials.tenantToken}
  Status     npx gatehouse status ${TENANT} --profile ${quote(folder.profile)}
  Data       ${folder.path}  (logs in ${folder.logs})

Try, in another terminal:

${lines.join('\n')}
Ctrl-C stops everything; the next start resumes from the same data.`;
}

interface Command {
  about: string;
  command: string;
}

function commands(installation: Installation, caFile: string): Command[] {
  const { credentials } = installation;
  const demo = hostUrl(HOST, installation);
  const curl = `curl -s ${curlOptions(HOST, caFile, installation)}`;
  const hello = `hello.${HOST}`;
  const route = {
    hosts: [hello],
    gateways: [PLATFORM_GATEWAY],
    http: [{ directResponse: { status: 200, body: 'Live in milliseconds.\n' } }],
  };
  return [
    {
      about: 'the canary: of 200 requests, about 5% reach reviews v2',
      command: `${curl} '${demo}/reviews/1?request=[1-200]' | grep -o '"version":"v."' | sort | uniq -c`,
    },
    {
      about: 'one user sees v3, with red stars',
      command: `${curl} -H 'end-user: jason' ${demo}/reviews/1`,
    },
    {
      about: 'a rewrite: /v1/1 reaches reviews v1 as /reviews/1',
      command: `${curl} ${demo}/v1/1`,
    },
    {
      about:
        'a route of your own, live when the API answers (HTTP: the certificate has no names below the host of the demo)',
      command: `curl -sS -X PUT ${apiUrl(installation)}/v1/tenants/${TENANT}/routes/hello \\
  -H 'Authorization: Bearer ${credentials.tenantToken}' -H 'Content-Type: application/json' -H 'Prefer: wait=10' \\
  -d ${quote(JSON.stringify(route))} -o /dev/null -w 'PUT: %{http_code}\\n' \\
  && curl -s -H 'Host: ${hello}' ${gatewayUrl(installation)}/`,
    },
  ];
}
