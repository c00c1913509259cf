/**
 * One live publishing or subscribing call: its state table plus its send side, without any gRPC, so
 * that other protocols can drive it. Sessions are owned by the event loop of their call. Depends on
 * {@code fanout}, {@code admission}, {@code partition}, {@code tail}, {@code wire}, {@code core}
 * and the generated messages.
 */
package dev.weir.service.session;
