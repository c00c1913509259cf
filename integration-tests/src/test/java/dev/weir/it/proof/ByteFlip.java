package dev.weir.it.proof;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * One byte that is damaged. Immutable.
 *
 * @param region where it is
 * @param at its place in the file
 * @param mask what is flipped of it; not 0
 */
record ByteFlip(FileRegion region, int at, int mask) {
  private static final int BITS = 8;

  /**
   * So many flips: one in every region first, in random order, then half of them in a random region
   * and half at a random byte.
   */
  static List<ByteFlip> plan(List<FileRegion> regions, int count, Random random) {
    List<FileRegion> first = new ArrayList<>(regions);
    Collections.shuffle(first, random);
    long[] ends = new long[regions.size()];
    long bytes = 0;
    for (int i = 0; i < ends.length; i++) {
      bytes += regions.get(i).to() - regions.get(i).from();
      ends[i] = bytes;
    }
    List<ByteFlip> plan = new ArrayList<>();
    while (plan.size() < count) {
      if (plan.size() < first.size()) {
        plan.add(in(first.get(plan.size()), random));
      } else if (random.nextBoolean()) {
        plan.add(in(regions.get(random.nextInt(regions.size())), random));
      } else {
        plan.add(in(regions.get(regionOf(random.nextLong(bytes), ends)), random));
      }
    }
    return plan;
  }

  private static int regionOf(long at, long[] ends) {
    int region = 0;
    while (ends[region] <= at) {
      region++;
    }
    return region;
  }

  /** One bit in half of the cases, else any other byte. */
  private static ByteFlip in(FileRegion region, Random random) {
    int mask = random.nextBoolean() ? 1 << random.nextInt(BITS) : 1 + random.nextInt(255);
    return new ByteFlip(region, random.nextInt(region.from(), region.to()), mask);
  }

  void apply(MemoryFiles files) {
    files.flip(region.path(), at, mask);
  }

  @Override
  public String toString() {
    return String.format("byte %d flipped by 0x%02x in %s", at, mask, region);
  }
}
