import type { handleBidiStreamingCall, Server } from '@grpc/grpc-js';
import { pack, typeUrl } from '../envoy/any.ts';
import { Secret } from '../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { DeltaDiscoveryRequest, DeltaDiscoveryResponse } from '../envoy/gen/envoy/service/discovery/v3/discovery.ts';
import type { Log } from '../log.ts';

/** Finds the secret with which a handshake answers a challenge; undefined when no challenge for the name is open. */
export type SecretOf = (serverName: string) => Promise<Secret | undefined>;

const MESSAGE = 'envoy.extensions.transport_sockets.tls.v3.Secret';

const METHOD = {
  path: '/envoy.service.secret.v3.SecretDiscoveryService/DeltaSecrets',
  requestStream: true,
  responseStream: true,
  requestSerialize: (request: DeltaDiscoveryRequest) => Buffer.from(DeltaDiscoveryRequest.encode(request).finish()),
  requestDeserialize: (bytes: Buffer) => DeltaDiscoveryRequest.decode(bytes),
  responseSerialize: (response: DeltaDiscoveryResponse) =>
    Buffer.from(DeltaDiscoveryResponse.encode(response).finish()),
  responseDeserialize: (bytes: Buffer) => DeltaDiscoveryResponse.decode(bytes),
} as const;

/** How long a client that got a removal may keep its stream, in ms. It asks again if a handshake still waits. */
const GRACE = 1000;

/**
 * Adds the secret discovery service (SDS) to a gRPC server. Envoy opens a stream for each server name of a handshake with
 * `acme-tls/1`. It gets the secret, and the removal of the secret once it has acknowledged it. The handshake that waits then
 * ends with the secret, and Envoy keeps nothing: neither a secret of a challenge that is over, nor the names that any
 * client may choose.
 */
export function addChallengeSecrets(server: Server, secretOf: SecretOf, log: Log): void {
  const stream: handleBidiStreamingCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> = (call) => {
    const sent = new Map<string, string>();
    let timer: NodeJS.Timeout | undefined;
    let nonces = 0;
    const write = (content: Partial<DeltaDiscoveryResponse>) => {
      const nonce = String(++nonces);
      call.write(DeltaDiscoveryResponse.fromPartial({ typeUrl: typeUrl(MESSAGE), nonce, ...content }));
      return nonce;
    };
    const remove = (name: string) => {
      write({ removedResources: [name] });
      timer ??= setTimeout(() => call.end(), GRACE).unref();
    };
    const answer = async (name: string) => {
      const secret = await secretOf(name).catch((err: unknown) => {
        log.error({ err, name }, 'the answer to a challenge could not be made');
        return undefined;
      });
      if (call.cancelled) return;
      if (!secret) return remove(name);
      const resource = { name, version: '1', resource: pack(MESSAGE, Secret, secret) };
      sent.set(
        write({ resources: [DeltaDiscoveryResponse.fromPartial({ resources: [resource] }).resources[0]!] }),
        name,
      );
    };
    call.on('data', ({ resourceNamesSubscribe, responseNonce, errorDetail }: DeltaDiscoveryRequest) => {
      for (const name of resourceNamesSubscribe) void answer(name);
      const name = sent.get(responseNonce);
      if (name === undefined) return;
      sent.delete(responseNonce);
      if (errorDetail) log.error({ name, message: errorDetail.message }, 'Envoy rejected the answer to a challenge');
      remove(name);
    });
    const over = () => clearTimeout(timer);
    call.on('end', () => call.end());
    call.on('error', over);
    call.on('cancelled', over);
    call.on('close', over);
  };
  server.addService({ DeltaSecrets: METHOD }, { DeltaSecrets: stream });
}
