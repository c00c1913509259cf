package dev.weir.it.contract.harness;

/** A transport and a number of partitions that the contract must hold on. */
public enum TransportSetup {
  IN_PROCESS_1(false, 1),
  IN_PROCESS_3(false, 3),
  NETTY_1(true, 1),
  NETTY_3(true, 3);

  private final boolean netty;
  private final int partitions;

  TransportSetup(boolean netty, int partitions) {
    this.netty = netty;
    this.partitions = partitions;
  }

  /** Returns whether it runs over sockets. */
  public boolean netty() {
    return netty;
  }

  /** Partitions of its topics. */
  public int partitions() {
    return partitions;
  }
}
