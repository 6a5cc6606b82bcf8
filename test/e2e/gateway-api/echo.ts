import type { ServiceDefinition } from '@grpc/grpc-js';
import { textMethod } from '../text-method.ts';

const method = (name: string) => textMethod(`/gateway_api_conformance.echo_basic.grpcecho.GrpcEcho/${name}`);

/** Each method answers with the name of the application. */
export const ECHO = {
  Echo: method('Echo'),
  EchoTwo: method('EchoTwo'),
  EchoThree: method('EchoThree'),
} satisfies ServiceDefinition;
