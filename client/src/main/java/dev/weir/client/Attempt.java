package dev.weir.client;

import java.time.Instant;

/**
 * One try that failed. Immutable.
 *
 * @param at when it failed, by this machine's clock
 * @param address the server that was tried, as the options name it
 * @param code the number of the gRPC status code, such as 14 for UNAVAILABLE
 * @param reason the stable reason in UPPER_SNAKE
 */
public record Attempt(Instant at, String address, int code, String reason) {
  @Override
  public String toString() {
    return at + " " + address + " " + reason + " (" + code + ")";
  }
}
