/**
 * An example: publishing and tailing with nothing but the generated gRPC stubs. It owns no state
 * and depends on {@code weir-proto}, {@code grpc-netty} and {@code grpc-stub} only.
 */
package dev.weir.examples.stubs;
