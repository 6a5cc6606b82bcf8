/**
 * How many bytes Envoy buffers for a connection to an upstream that reads slowly. Envoy cannot reset the request of such a
 * connection when its memory is nearly full, unless the client uses HTTP/2 or HTTP/3.
 */
export const BUFFER = 64 * 1024;

/**
 * How many bytes of a response an upstream may send over HTTP/2 or HTTP/3 while the client reads slowly. With a round trip
 * of 20 ms, 1 MiB allows 400 Mbit/s. Envoy's default is 16 MiB.
 */
export const STREAM_WINDOW = 1024 * 1024;
