import type { handleUnaryCall, Server } from '@grpc/grpc-js';
import { ANSWER_CHALLENGE } from '../envoy/agent-cluster.ts';
import type { Log } from '../log.ts';
import { addChallengeSecrets, type SecretOf } from './challenge-secrets.ts';

/** What Envoys answer to the challenges of a certificate authority. */
export interface Challenges {
  /** Finds the answer to a request for a token; undefined when none is expected. */
  answer(host: string, token: string): string | undefined;
  secret: SecretOf;
}

/** Messages are plain text: `host token` in requests, and the answer, or nothing, in responses. */
const METHOD = {
  path: ANSWER_CHALLENGE,
  requestStream: false,
  responseStream: false,
  requestSerialize: (text: string) => Buffer.from(text),
  requestDeserialize: (bytes: Buffer) => bytes.toString('latin1'),
  responseSerialize: (text: string) => Buffer.from(text),
  responseDeserialize: (bytes: Buffer) => bytes.toString('latin1'),
} as const;

/** Adds the services to a gRPC server that tell Envoys what to answer to a certificate authority. */
export function addChallenges(server: Server, challenges: Challenges, log: Log): void {
  const answer: handleUnaryCall<string, string> = ({ request }, respond) => {
    const space = request.indexOf(' ');
    respond(null, challenges.answer(request.slice(0, space), request.slice(space + 1)) ?? '');
  };
  server.addService({ Answer: METHOD }, { Answer: answer });
  addChallengeSecrets(server, challenges.secret, log);
}
