package dev.weir.it.proof;

import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import dev.weir.service.log.segment.SegmentEngine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The map of a cleanly stopped data directory, by docs/formats.md. Stateless. */
final class FileRegionMap {
  private static final int RECORD_HEADER = 128;
  private static final int CHECKPOINT_HEADER = 48;
  private static final int SLOT = 64;
  private static final int SECOND_SLOT = 4_096;
  private static final int COPY = 32;
  private static final int SECOND_COPY = 512;

  private FileRegionMap() {}

  /** Every byte of every file is in exactly one of them. */
  static List<FileRegion> of(Path dataDir, MemoryFiles files) throws IOException {
    List<FileRegion> regions = new ArrayList<>();
    Map<Path, Integer> firstRecords = new HashMap<>();
    for (InspectedPartition partition : SegmentEngine.inspect(dataDir, files)) {
      partition.forEach(
          item -> addRecord((InspectedItem.Stored) item, partition.id(), regions, firstRecords));
    }
    for (Path path : files.paths()) {
      addFile(path, files.bytes(path).length, firstRecords, regions);
    }
    return regions;
  }

  private static void addRecord(
      InspectedItem.Stored stored,
      PartitionId partition,
      List<FileRegion> regions,
      Map<Path, Integer> firstRecords) {
    RecordLocation place = RecordLocation.of(stored.place());
    Path path = Path.of(place.path());
    LogRecord record = stored.record();
    firstRecords.merge(path, place.from(), Math::min);
    int producer = record.producer().getBytes(StandardCharsets.UTF_8).length;
    int[] lengths = {
      RECORD_HEADER, producer, record.definitions().length(), record.batch().length()
    };
    String[] purposes = {"record header", "producer", "definitions", "batch"};
    int at = place.from();
    for (int i = 0; i < lengths.length; i++) {
      add(regions, purposes[i], path, at, at + lengths[i], partition, record);
      at += lengths[i];
    }
    if (at != place.to()) {
      throw new AssertionError("a record of other length: " + stored);
    }
  }

  private static void addFile(
      Path path, int bytes, Map<Path, Integer> firstRecords, List<FileRegion> regions) {
    String name = path.getFileName().toString();
    if (name.endsWith(".log")) {
      plain(regions, "segment header", path, 0, firstRecords.getOrDefault(path, bytes));
    } else if (name.startsWith("checkpoint-")) {
      plain(regions, "checkpoint header", path, 0, CHECKPOINT_HEADER);
      plain(regions, "checkpoint state", path, CHECKPOINT_HEADER, bytes);
    } else if (name.equals("watermark")) {
      plain(regions, "watermark, first slot", path, 0, SLOT);
      plain(regions, "watermark, unused", path, SLOT, Math.min(bytes, SECOND_SLOT));
      plain(regions, "watermark, second slot", path, SECOND_SLOT, bytes);
    } else if (name.equals("start")) {
      plain(regions, "start number, first copy", path, 0, COPY);
      plain(regions, "start number, unused", path, COPY, SECOND_COPY);
      plain(regions, "start number, second copy", path, SECOND_COPY, bytes);
    } else {
      plain(regions, name, path, 0, bytes);
    }
  }

  private static void plain(List<FileRegion> to, String purpose, Path path, int from, int end) {
    add(to, purpose, path, from, end, null, null);
  }

  private static void add(
      List<FileRegion> to,
      String purpose,
      Path path,
      int from,
      int end,
      PartitionId partition,
      LogRecord record) {
    if (end > from) {
      to.add(new FileRegion(purpose, path, from, end, partition, record));
    }
  }
}
