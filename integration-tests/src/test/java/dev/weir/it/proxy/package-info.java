/**
 * A TCP proxy that reads along and does harm: cuts, stalls, half-open connections, answers that
 * vanish, bytes that drip. It knows what gRPC messages went by, so that harm begins at a message
 * and not at a time, and so that it knows whether a cut hit anything.
 *
 * <p>Owned by the test that starts it; one thread owns all connections. Depends on the generated
 * messages only.
 */
package dev.weir.it.proxy;
