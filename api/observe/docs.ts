import { FixedBytes } from '../reply.ts';

/**
 * The documentation page, which is Swagger UI. The page loads only files of this server, and its content security
 * policy enforces that.
 */
export const docsPage = {
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'",
  },
  html: new FixedBytes(`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Gatehouse API</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`),
};
