package dev.weir.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bytes counted at the sockets over a whole run, HTTP/2 and set-up included. Immutable.
 *
 * @param toServer from publishers to the server
 * @param acks from the server to publishers
 * @param toSubscriber from the server to the subscriber
 * @param credit from the subscriber to the server
 * @param run the run they were counted in
 */
record WireResult(long toServer, long acks, long toSubscriber, long credit, RunResult run) {
  /** Both directions of the publishers' sockets. */
  double publisherBytesPerReading() {
    return perReading(toServer + acks, run.outcome().acknowledged());
  }

  /** Both directions of the subscriber's socket. */
  double subscriberBytesPerReading() {
    return perReading(toSubscriber + credit, run.outcome().delivered());
  }

  static double perReading(long bytes, long readings) {
    return readings == 0 ? 0 : (double) bytes / readings;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("publisher_bytes_per_reading", publisherBytesPerReading());
    map.put("subscriber_bytes_per_reading", subscriberBytesPerReading());
    map.put("publisher_to_server_bytes", toServer);
    map.put("server_to_publisher_bytes", acks);
    map.put("server_to_subscriber_bytes", toSubscriber);
    map.put("subscriber_to_server_bytes", credit);
    map.put("run", run.toMap());
    return map;
  }
}
