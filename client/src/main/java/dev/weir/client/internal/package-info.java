/**
 * What the client is made of: threads and clocks ({@link
 * dev.weir.client.internal.threads.ClientThreads}), connections, errors, telemetry, and the wiring
 * of one client.
 *
 * <p>{@code ClientThreads} owns every thread of the client; the state of sessions is owned by its
 * loop thread. May depend on gRPC, Netty, protobuf, Guava, the OpenTelemetry API, SLF4J, the public
 * API and the packages below it. Not for users: everything here may change.
 */
package dev.weir.client.internal;
