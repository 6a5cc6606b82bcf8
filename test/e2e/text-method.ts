import type { MethodDefinition } from '@grpc/grpc-js';

/**
 * Defines a unary gRPC method whose messages are texts.
 *
 * @param path such as `/test.Echo/Say`
 */
export const textMethod = (path: string): MethodDefinition<string, string> => ({
  path,
  requestStream: false,
  responseStream: false,
  requestSerialize: (text) => Buffer.from(text),
  requestDeserialize: (bytes) => bytes.toString(),
  responseSerialize: (text) => Buffer.from(text),
  responseDeserialize: (bytes) => bytes.toString(),
});
