/**
 * gRPC adapters: calls, marshallers, status translation, event loops. The only importer of {@code
 * io.grpc} besides {@code app}. Calls are owned by their event loop; unary methods of the catalogue
 * run on the control pool.
 */
package dev.weir.service.rpc;
