package dev.weir.service.app;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What grpc.health.v1 says: whether calls are served, by each service's name and by the empty one,
 * and apart from that what is wrong with the storage, by names of its own. A stopped partition or a
 * full disk must not take away the readers and partitions that go on. Thread-safe.
 */
final class HealthReporter {
  /**
   * NOT_SERVING while a partition stores nothing after a failed sync, where a restart helps, a
   * topic cannot be opened, where its files have to be mended, or a partition is too large for a
   * checkpoint. The log says which.
   */
  static final String LOG = "weir.log";

  /**
   * NOT_SERVING while publishers are refused because the disk is nearly full, where space helps, or
   * while the disk does not answer. The log says which.
   */
  static final String DISK = "weir.disk";

  /** NOT_SERVING while a thread does not answer that others depend on: a restart helps. */
  static final String THREADS = "weir.threads";

  private final AtomicBoolean ending = new AtomicBoolean();
  private final HealthStatusManager manager = new HealthStatusManager();

  BindableService service() {
    return manager.getHealthService();
  }

  /** Calls are served from now on. */
  void serving(List<String> services) {
    manager.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
    services.forEach(service -> manager.setStatus(service, ServingStatus.SERVING));
  }

  /** Tells of the storage; changes nothing once it is ending. */
  void storage(boolean logWell, boolean diskWell) {
    manager.setStatus(LOG, logWell ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
    manager.setStatus(DISK, diskWell ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  /** Tells of the threads; changes nothing once it is ending. */
  void threads(boolean well) {
    manager.setStatus(THREADS, well ? ServingStatus.SERVING : ServingStatus.NOT_SERVING);
  }

  /** Nothing is served any more. Harmless when repeated. */
  void ending() {
    if (ending.compareAndSet(false, true)) { // the health service complains about a second time
      manager.enterTerminalState();
    }
  }
}
