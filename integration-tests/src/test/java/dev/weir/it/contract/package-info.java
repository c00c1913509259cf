/**
 * The contract tests: every rule of PublishService and SubscribeService against a running server,
 * through the generated stubs, in-process and over Netty, on one and on several partitions. Tests
 * own their servers and topics. Depends on the harness and the generated stubs.
 */
package dev.weir.it.contract;
