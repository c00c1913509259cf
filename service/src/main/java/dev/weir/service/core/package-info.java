/**
 * The rules of Weir as plain Java: no gRPC, protobuf, threads, locks or clock. State belongs to
 * whoever calls. Depends on nothing but the JDK.
 */
package dev.weir.service.core;
