package dev.weir.cli;

import dev.weir.cli.shell.StandardStreams;
import dev.weir.cli.text.JsonLine;
import dev.weir.common.OwnedBy;
import dev.weir.common.file.NioDataFiles;
import dev.weir.service.log.DamagedRange;
import dev.weir.service.log.Flaw;
import dev.weir.service.log.PartitionId;
import dev.weir.service.verify.PartitionSummary;
import dev.weir.service.verify.Verification;
import dev.weir.service.verify.VerificationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir verify}: checks a data directory entirely. Owned by the main thread. */
@OwnedBy("main thread")
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Checks everything in the data directory of a stopped server.",
    footer = {
      "",
      "Every record, checkpoint, segment header, watermark and start number is verified, held",
      "against the rest, and folded once more. Nothing is changed. Damage is reported with its",
      "exact range. Exit codes: 0 clean, 1 damage, 2 could not be checked.",
      "",
      "Example:",
      "  bin/weir verify data"
    })
final class VerifyCommand implements Callable<Integer> {
  private final StandardStreams streams;

  @Parameters(paramLabel = "DIR", description = "The data directory.")
  private Path dir;

  @Option(names = "--json", description = "Prints a JSON object per line.")
  private boolean json;

  VerifyCommand(StandardStreams streams) {
    this.streams = streams;
  }

  @Override
  public Integer call() {
    if (!Files.isDirectory(dir)) {
      return unchecked(dir + " is not a directory (expected what `serve --data` was given)");
    }
    Lines lines = new Lines();
    try {
      Verification.run(dir, new NioDataFiles(), lines);
    } catch (IOException e) {
      return unchecked(WeirCommand.words(e));
    }
    lines.sum();
    if (lines.damage > 0) {
      return ExitCode.SOFTWARE;
    }
    return lines.unread > 0 ? ExitCode.USAGE : ExitCode.OK;
  }

  private int unchecked(String why) {
    streams.flush();
    streams.err().println("weir: " + why);
    return ExitCode.USAGE;
  }

  /** Prints what is found. */
  private final class Lines implements VerificationReport {
    private long damage;
    private long unread;
    private long partitions;
    private long records;
    private long readings;
    private long recordsLost;
    private long readingsLost;
    private boolean readingsLostUnknown;

    @Override
    public void flaw(String topic, Flaw flaw) {
      damage += flaw.kind().damage() ? 1 : 0;
      if (flaw.range() != null) {
        recordsLost += flaw.range().nextOffset() - flaw.range().fromOffset();
        readingsLost += Math.max(0, flaw.range().readings());
        readingsLostUnknown |= flaw.range().readings() < 0;
      }
      print(json ? jsonLine(topic, flaw) : words(topic, flaw));
    }

    private static String jsonLine(String topic, Flaw flaw) {
      JsonLine line = new JsonLine().put("type", flaw.kind().name());
      line.put("damage", flaw.kind().damage());
      if (flaw.partition() != null) {
        line.put("topic", topic);
        line.put("log", flaw.partition().log()).put("partition", flaw.partition().partition());
      }
      if (flaw.range() != null) {
        DamagedRange range = flaw.range();
        line.put("epoch", range.epoch()).put("offset", range.fromOffset());
        line.put("next_offset", range.nextOffset()).put("readings", range.readings());
      }
      return line.put("place", flaw.place()).put("text", flaw.text()).end();
    }

    private static String words(String topic, Flaw flaw) {
      StringBuilder words = new StringBuilder(flaw.kind().name());
      if (flaw.partition() != null) {
        words.append(' ').append(flaw.partition());
        words.append(topic.isEmpty() ? "" : " (topic " + topic + ")");
      }
      words.append(": ").append(flaw.text());
      if (flaw.range() != null) {
        DamagedRange range = flaw.range();
        words.append("; epoch ").append(range.epoch());
        words.append(", offsets ").append(range.fromOffset());
        words.append(" to ").append(range.nextOffset() - 1).append(", readings lost: ");
        words.append(range.readings() < 0 ? "unknown" : Long.toString(range.readings()));
      }
      return words.append("; ").append(flaw.place()).toString();
    }

    @Override
    public void checked(PartitionSummary partition) {
      partitions++;
      records += partition.records();
      long from = partition.range().startReadings();
      long stored = partition.range().endReadings() - from;
      readings += stored;
      if (json) {
        print(
            new JsonLine()
                .put("type", "PARTITION")
                .put("topic", partition.topic())
                .put("log", partition.id().log())
                .put("partition", partition.id().partition())
                .put("offset", partition.range().startOffset())
                .put("next_offset", partition.range().endOffset())
                .put("records", partition.records())
                .put("readings", stored)
                .end());
        return;
      }
      String name = partition.topic().isEmpty() ? "" : " (topic " + partition.topic() + ")";
      print(
          String.format(
              "partition %s%s: offsets %d to %d, %d records verify, %d readings stored",
              partition.id(),
              name,
              partition.range().startOffset(),
              partition.range().endOffset() - 1,
              partition.records(),
              stored));
    }

    @Override
    public void unread(PartitionId partition, Exception cause) {
      unread++;
      streams.flush();
      streams
          .err()
          .println("weir: " + partition + " could not be read: " + WeirCommand.words(cause));
    }

    void sum() {
      if (json) {
        print(
            new JsonLine()
                .put("type", "SUMMARY")
                .put("clean", damage == 0 && unread == 0)
                .put("damage", damage)
                .put("unread", unread)
                .put("partitions", partitions)
                .put("records", records)
                .put("readings", readings)
                .put("records_lost", recordsLost)
                .put("readings_lost", readingsLostUnknown ? -1 : readingsLost)
                .end());
        return;
      }
      String state = damage == 0 && unread == 0 ? "clean" : "damage: " + damage;
      String lost = (readingsLostUnknown ? "at least " : "") + readingsLost;
      print(
          String.format(
              "%s; %d partitions, %d records verify, %d readings stored; lost: %d records, %s"
                  + " readings; could not be read: %d partitions",
              state, partitions, records, readings, recordsLost, lost, unread));
    }

    private void print(String line) {
      streams.out().println(line);
      streams.flush();
    }
  }
}
