package dev.weir.faultinjection;

import java.nio.file.Path;
import java.util.regex.Pattern;

/** The purpose of a file of a data directory, by its name. */
enum DataFileKind {
  SEGMENT("\\d{20}\\.log"),
  CHECKPOINT("checkpoint-\\d{20}(-2)?(\\.tmp)?"),
  WATERMARK("watermark"),
  START_NUMBER("start(\\.tmp)?"),
  OTHER(".*");

  static final String TEMPORARY_SUFFIX = ".tmp";

  private final Pattern name;

  DataFileKind(String name) {
    this.name = Pattern.compile(name);
  }

  static DataFileKind of(Path path) {
    for (DataFileKind purpose : values()) {
      if (purpose.name.matcher(path.getFileName().toString()).matches()) {
        return purpose;
      }
    }
    return OTHER;
  }
}
