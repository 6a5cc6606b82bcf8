import { startApi } from './serve.node.ts';
import { readSettings } from './settings.ts';

const api = await startApi(readSettings(process.env));

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    // A second signal while draining means it: leave at once.
    if (stopping) process.exit(1);
    stopping = true;
    api.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
