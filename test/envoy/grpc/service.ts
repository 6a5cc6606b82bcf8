/** A gRPC service that returns what it receives, and clients of it. */
import {
  type Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';

const text = {
  requestSerialize: (value: string) => Buffer.from(value),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (value: string) => Buffer.from(value),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
};
const ECHO = {
  Say: { path: '/test.Echo/Say', requestStream: false, responseStream: false, ...text },
  Count: { path: '/test.Echo/Count', requestStream: false, responseStream: true, ...text },
  Sum: { path: '/test.Echo/Sum', requestStream: true, responseStream: true, ...text },
} satisfies ServiceDefinition;
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The health service, whose messages are written by hand: the response has one field, the status. */
const HEALTH = {
  Check: {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
} satisfies ServiceDefinition;

/** A server of both services on a port of its own. */
export class EchoServer {
  /** The number of calls of `Say`. */
  calls = 0;
  /** The number of health checks. */
  checks = 0;
  port = 0;
  readonly #server = new Server();

  static async start(): Promise<EchoServer> {
    const started = new EchoServer();
    await started.#listen();
    return started;
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  #listen(): Promise<void> {
    this.#server.addService(ECHO, {
      Say: async (call: ServerUnaryCall<string, string>, done: sendUnaryData<string>) => {
        this.calls++;
        const [, ms] = /^wait (\d+)/.exec(call.request) ?? [];
        if (ms) await sleep(Number(ms));
        if (call.request === 'fail') return done({ code: status.ALREADY_EXISTS, details: 'it exists' });
        const trailer = new Metadata();
        trailer.set('x-trailer', 'last');
        done(null, call.request, trailer);
      },
      // Sends a number per 100 ms.
      Count: async (call: ServerWritableStream<string, string>) => {
        for (let n = 0; n < Number(call.request); n++) {
          call.write(String(n));
          await sleep(100);
        }
        call.end();
      },
      // Responds only after the client has ended its half of the stream, in two parts.
      Sum: (call: ServerDuplexStream<string, string>) => {
        let sum = 0;
        call.on('data', (value: string) => (sum += Number(value)));
        call.on('end', async () => {
          call.write('ended');
          await sleep(1000);
          call.write(String(sum));
          call.end();
        });
      },
    });
    this.#server.addService(HEALTH, {
      Check: (_: unknown, done: sendUnaryData<Buffer>) => {
        this.checks++;
        done(null, Buffer.from([8, 1]));
      },
    });
    return new Promise((resolve, reject) =>
      this.#server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
        this.port = port;
        if (error) reject(error);
        else resolve();
      }),
    );
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the methods exist by the definition above
type Echo = Client & Record<keyof typeof ECHO, (...input: any[]) => any>;

interface Outcome {
  code: number;
  value?: string;
  details: string;
  trailer: string;
}

/** Clients of one port: one client, with one connection, per host. */
export class EchoClients {
  readonly #clients = new Map<string, Echo>();
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  of(host: string): Echo {
    const known = this.#clients.get(host);
    if (known) return known;
    const Constructor = makeGenericClientConstructor(ECHO, 'Echo');
    const options = { 'grpc.default_authority': host };
    const made = new Constructor(`127.0.0.1:${this.#port}`, credentials.createInsecure(), options) as unknown as Echo;
    this.#clients.set(host, made);
    return made;
  }

  /** @param deadline in milliseconds from now */
  say(host: string, request: string, deadline?: number): Promise<Outcome> {
    return new Promise((resolve) => {
      let trailer = '';
      const call = this.of(host).Say(
        request,
        deadline === undefined ? {} : { deadline: Date.now() + deadline },
        (error: ServiceError | null, value?: string) =>
          setImmediate(() =>
            resolve({
              code: error?.code ?? 0,
              details: error?.details ?? '',
              trailer,
              ...(value !== undefined && { value }),
            }),
          ),
      );
      call.on('status', ({ metadata }: { metadata: Metadata }) => (trailer = String(metadata.get('x-trailer'))));
    });
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }
}

/** Reads a stream to its end. */
export function streamed(call: ClientReadableStream<string>): Promise<{ code: number; values: string[] }> {
  return new Promise((resolve) => {
    const values: string[] = [];
    call.on('data', (value: string) => values.push(value));
    call.on('error', () => {});
    call.on('status', ({ code }: { code: number }) => resolve({ code, values }));
  });
}
