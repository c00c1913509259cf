/**
 * Protobuf encodings for the messages that are handled as bytes: numbers, tags, a reader. Depends
 * on {@code common}. Not for users: everything here may change.
 */
package dev.weir.common.protobuf;
