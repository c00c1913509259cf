package dev.weir.client.internal.subscribe;

import dev.weir.client.SubscriberOptions;
import dev.weir.v1.Credit;

/**
 * The credit of one subscription over all its sessions. Thread-safe; its lock guards the counts, so
 * that readings may be requested from any thread.
 */
final class CreditLedger {
  private final CreditCounter readings;

  /** Null: no limit. */
  private final CreditCounter bytes;

  private CreditLedger(CreditCounter readings, CreditCounter bytes) {
    this.readings = readings;
    this.bytes = bytes;
  }

  /** Returns a ledger for the given options. */
  static CreditLedger of(SubscriberOptions options) {
    return options.manualCredit()
        ? byHand(options.manualBytes())
        : managed(options.creditReadings(), options.creditBytes());
  }

  /** Windows that are returned as the handler finishes. */
  static CreditLedger managed(long windowReadings, long windowBytes) {
    return new CreditLedger(
        CreditCounter.managed(windowReadings), CreditCounter.managed(windowBytes));
  }

  /** Only what is requested: readings, or bytes too. */
  static CreditLedger byHand(boolean bytesToo) {
    return new CreditLedger(CreditCounter.byHand(), bytesToo ? CreditCounter.byHand() : null);
  }

  /** A new session; its first totals. Everything of the one before was handed over. */
  synchronized Credit open() {
    return credit(readings.open(), bytes == null ? 0 : bytes.open());
  }

  /** Asks for more readings; returns whether to send the totals to the server. */
  synchronized boolean request(long moreReadings) {
    readings.request(moreReadings);
    return readings.isDue();
  }

  /** Asks for more bytes; returns whether to send the totals to the server. */
  synchronized boolean requestBytes(long moreBytes) {
    bytes.request(moreBytes);
    return bytes.isDue();
  }

  /** A delivery is in the handler's hands. */
  synchronized void handed(long deliveryReadings, long deliveryBytes) {
    readings.handed(deliveryReadings);
    if (bytes != null) {
      bytes.handed(deliveryBytes);
    }
  }

  /** The handler has finished with a delivery; returns whether to send the totals to the server. */
  synchronized boolean finished(long deliveryReadings, long deliveryBytes) {
    readings.finished(deliveryReadings);
    if (bytes != null) {
      bytes.finished(deliveryBytes);
    }
    return isDue();
  }

  /** Returns whether a total has grown enough to be sent. */
  synchronized boolean isDue() {
    return readings.isDue() || (bytes != null && bytes.isDue());
  }

  /** Returns the totals of this session, which count as sent now. */
  synchronized Credit tell() {
    return credit(readings.tell(), bytes == null ? 0 : bytes.tell());
  }

  private Credit credit(long totalReadings, long totalBytes) {
    Credit.Builder credit = Credit.newBuilder().setReadings(totalReadings);
    if (bytes != null) {
      credit.setBytes(totalBytes);
    }
    return credit.build();
  }
}
