const lines = (pem: string) => pem.trimEnd().split('\n');
const bodies = (pem: string, change: (body: string) => string) =>
  pem.replace(
    /(-----BEGIN [A-Z0-9 ]+-----\n)([^-]+)(?=-----END)/g,
    (_, begin: string, body: string) => begin + change(body),
  );

/** Ways in which PEM is altered before it reaches a request. Each yields the same certificates, or the same key. */
export const spellings: [name: string, respell: (pem: string) => string][] = [
  ['as it was', (pem) => pem],
  ['one line', (pem) => lines(pem).join('')],
  ['one line, with spaces for line ends', (pem) => lines(pem).join(' ')],
  ['blocks glued together', (pem) => pem.replaceAll('-----\n-----', '----------')],
  [
    'indented',
    (pem) =>
      lines(pem)
        .map((line) => `    ${line}\n`)
        .join(''),
  ],
  [
    'indented by tabs',
    (pem) =>
      lines(pem)
        .map((line) => `\t${line}\n`)
        .join(''),
  ],
  ['CRLF', (pem) => pem.replaceAll('\n', '\r\n')],
  ['CR', (pem) => pem.replaceAll('\n', '\r')],
  ['line ends spelled out', (pem) => pem.replaceAll('\n', '\\n')],
  ['line ends spelled out twice', (pem) => pem.replaceAll('\n', '\\\\n')],
  ['CRLF spelled out', (pem) => pem.replaceAll('\n', '\\r\\n')],
  ['quoted', (pem) => JSON.stringify(pem)],
  ['base64 without line ends', (pem) => bodies(pem, (body) => `${body.replaceAll('\n', '')}\n`)],
  ['base64 of 76 columns', (pem) => bodies(pem, (body) => body.replaceAll('\n', '').replace(/.{1,76}/g, '$&\n'))],
  ['base64 without padding', (pem) => bodies(pem, (body) => body.replace(/=+\n$/, '\n'))],
  ['without the last line end', (pem) => pem.trimEnd()],
  [
    'trailing white space',
    (pem) =>
      `${lines(pem)
        .map((line) => `${line}  \t\n`)
        .join('')}\n\n  `,
  ],
  ['blank lines', (pem) => `\n\n${pem.replaceAll('-----\n-----', '-----\n\n\n-----')}`],
  ['a byte order mark', (pem) => `\ufeff${pem}`],
  ['non-breaking spaces', (pem) => lines(pem).join('\u00a0\n')],
  [
    'text around the blocks',
    (pem) => `subject=CN = a-b.test\n${pem.replaceAll('-----\n-----', '-----\n# issuer - one\n-----')}the end`,
  ],
  [
    'the attributes of a PKCS#12 bag',
    (pem) => `Bag Attributes\n    localKeyID: 01 02 03 \n    friendlyName: a\nsubject=/CN=a\n\nissuer=/CN=b\n${pem}`,
  ],
  ['as a Kubernetes Secret holds it', (pem) => btoa(pem)],
  ['as a Kubernetes Secret holds it, in lines', (pem) => btoa(pem).replace(/.{1,76}/g, '$&\n')],
];
