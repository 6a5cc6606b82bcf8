import type { handleUnaryCall, Server } from '@grpc/grpc-js';
import { ANSWER_CHALLENGE } from '../envoy/agent-cluster.ts';

/** Finds the answer to the challenge of a certificate authority; undefined when none is expected. */
export type AnswerOf = (host: string, token: string) => string | undefined;

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

/** Adds the service to a gRPC server that tells Envoys what to answer to a certificate authority. */
export function addChallenges(server: Server, answerOf: AnswerOf): void {
  const answer: handleUnaryCall<string, string> = ({ request }, respond) => {
    const space = request.indexOf(' ');
    respond(null, answerOf(request.slice(0, space), request.slice(space + 1)) ?? '');
  };
  server.addService({ Answer: METHOD }, { Answer: answer });
}
