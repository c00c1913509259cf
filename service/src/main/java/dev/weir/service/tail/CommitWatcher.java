package dev.weir.service.tail;

/** Is told by a partition's writer that records were committed. Must be quick and never block. */
@FunctionalInterface
public interface CommitWatcher {
  /** New records are in the tail. Partition writer thread. */
  void committed();
}
