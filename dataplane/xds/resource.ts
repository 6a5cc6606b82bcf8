/** The type URL of a resource, such as `type.googleapis.com/envoy.config.cluster.v3.Cluster`. */
export type TypeUrl = string;

/** The properties of a served resource type that the xDS protocol depends on. */
export interface WireType {
  readonly url: TypeUrl;
  /**
   * Whether a SotW response of this type is the whole state. If so, the client deletes resources that are not in it.
   * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-docs/xds_protocol#grouping-resources-into-responses
   */
  readonly isWholeState: boolean;
}

/** One version of one resource, encoded once and shared by every stream. */
export interface XdsResource {
  readonly name: string;
  /** A text that changes exactly when `body` changes, such as a hash of the content. */
  readonly version: string;
  /** The encoded google.protobuf.Any. */
  readonly body: Buffer;
}
