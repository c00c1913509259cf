package dev.weir.cli;

import dev.weir.cli.shell.CommandFailure;
import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.JsonLine;
import dev.weir.cli.text.TimeText;
import dev.weir.common.OwnedBy;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.DataLossException;
import dev.weir.service.log.InspectedItem;
import dev.weir.service.log.InspectedPartition;
import dev.weir.service.log.LogEngineProviders;
import dev.weir.service.log.LogInspection;
import dev.weir.service.log.LogRecord;
import dev.weir.service.log.PartitionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code weir dump}: lists the records of a data directory. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "dump",
    mixinStandardHelpOptions = true,
    description = "Lists the records of a data directory as JSON lines, each verified by checksum.",
    footer = {
      "",
      "Changes nothing and takes no lock: a server may be running on the directory, then records",
      "of this moment may show as torn. Damage makes the exit code 1.",
      "",
      "Example:",
      "  bin/weir dump data"
    })
final class DumpCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(paramLabel = "DIR", description = "The data directory.")
  private Path dir;

  private long damagedRanges;

  DumpCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(dir)) {
      throw new CommandFailure(
          dir + " is not a directory (expected what `serve --data` was given)");
    }
    try (LogInspection store = LogEngineProviders.load().inspect(dir, new NioDataFiles(), false)) {
      list(store.partitions());
    }
    if (damagedRanges > 0) {
      throw new CommandFailure(
          "damaged ranges: " + damagedRanges + "; docs/operations.md says what DATA_LOSS means");
    }
    return 0;
  }

  private void list(List<InspectedPartition> partitions) throws IOException {
    if (partitions.isEmpty()) {
      throw new CommandFailure(
          dir + " holds no partitions (expected what `serve --data` was given)");
    }
    for (InspectedPartition partition : partitions) {
      try {
        partition.forEach(item -> streams.out().println(line(partition.id(), item)));
      } catch (DataLossException e) {
        damagedRanges++;
        streams.err().println("weir: " + partition.id() + ": " + e.getMessage());
      }
      streams.flush();
    }
  }

  private String line(PartitionId partition, InspectedItem item) {
    JsonLine line =
        new JsonLine().put("log", partition.log()).put("partition", partition.partition());
    if (item instanceof InspectedItem.Stored stored) {
      return stored(line, stored);
    } else if (item instanceof InspectedItem.Damaged damaged) {
      damagedRanges++;
      return damaged(line, damaged.range());
    }
    InspectedItem.Torn torn = (InspectedItem.Torn) item;
    return line.put("type", "TORN")
        .put("bytes", torn.bytes())
        .put("records", torn.records())
        .put("place", torn.place())
        .end();
  }

  private static String stored(JsonLine line, InspectedItem.Stored stored) {
    LogRecord record = stored.record();
    return line.put("epoch", record.epoch())
        .put("offset", record.offset())
        .put("checksum", String.format("%08x", stored.checksum()))
        .put("bytes", stored.bytes())
        .put("producer", record.producer())
        .put("producer_epoch", record.producerEpoch())
        .put("sequence", record.sequence())
        .put("type", record.type().name())
        .put("readings", record.readings())
        .put("append_time", TimeText.rfc3339(record.appendTimeNanos()))
        .put("place", stored.place())
        .end();
  }

  private static String damaged(JsonLine line, DamagedRange range) {
    return line.put("epoch", range.epoch())
        .put("offset", range.fromOffset())
        .put("type", "DAMAGED")
        .put("next_offset", range.nextOffset())
        .put("readings", range.readings())
        .put("place", range.detail())
        .end();
  }
}
