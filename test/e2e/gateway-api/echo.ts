import type { ServiceDefinition } from '@grpc/grpc-js';

const method = (name: string) => ({
  path: `/gateway_api_conformance.echo_basic.grpcecho.GrpcEcho/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: (text: string) => Buffer.from(text),
  requestDeserialize: (bytes: Buffer) => bytes.toString(),
  responseSerialize: (text: string) => Buffer.from(text),
  responseDeserialize: (bytes: Buffer) => bytes.toString(),
});

/** Each method answers with the name of the application. */
export const ECHO = {
  Echo: method('Echo'),
  EchoTwo: method('EchoTwo'),
  EchoThree: method('EchoThree'),
} satisfies ServiceDefinition;
