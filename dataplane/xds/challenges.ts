import type { handleUnaryCall, Server } from '@grpc/grpc-js';
import { OPEN_CHALLENGES } from '../envoy/agent-cluster.ts';
import type { Log } from '../log.ts';
import { addChallengeSecrets, type SecretOf } from './challenge-secrets.ts';

/** What Envoys answer to the challenges of a certificate authority. */
export interface Challenges {
  /** Lists the answers to requests for tokens: one line `host token answer` each. */
  list(): string;
  secret: SecretOf;
}

/** The request is an empty message, and the response is plain text. */
const METHOD = {
  path: OPEN_CHALLENGES,
  requestStream: false,
  responseStream: false,
  requestSerialize: (bytes: Buffer) => bytes,
  requestDeserialize: (bytes: Buffer) => bytes,
  responseSerialize: (text: string) => Buffer.from(text, 'latin1'),
  responseDeserialize: (bytes: Buffer) => bytes.toString('latin1'),
} as const;

/** Adds the services to a gRPC server that tell Envoys what to answer to a certificate authority. */
export function addChallenges(server: Server, challenges: Challenges, log: Log): void {
  const list: handleUnaryCall<Buffer, string> = (_call, respond) => respond(null, challenges.list());
  server.addService({ List: METHOD }, { List: list });
  addChallengeSecrets(server, challenges.secret, log);
}
