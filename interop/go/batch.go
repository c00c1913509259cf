package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"strconv"

	weirv1 "dev.weir/weir/v1"
	"google.golang.org/protobuf/proto"
)

// parse lists what Go's protobuf reads in each batch.
func parse(batches *bufio.Scanner) error {
	for batches.Scan() {
		encoded, err := hex.DecodeString(batches.Text())
		if err != nil {
			return err
		}
		batch := &weirv1.Batch{}
		if err := proto.Unmarshal(encoded, batch); err != nil {
			say("unparsable", escaped(err.Error()))
			continue
		}
		readings, err := readingsOf(batch, nil)
		if err != nil {
			say("unparsable", escaped(err.Error()))
			continue
		}
		say("batch", len(readings))
		list(readings)
	}
	return batches.Err()
}

func list(readings []reading) {
	for _, reading := range readings {
		say("reading", reading.fields()...)
	}
}

// readingsOf are the readings of a batch: its rows, then its columns by the contract's rule. names are
// those of ids; without them a sensor is # and its id.
func readingsOf(batch *weirv1.Batch, names map[uint32]string) ([]reading, error) {
	var readings []reading
	for _, row := range batch.Rows {
		readings = append(readings, rowReading(row))
	}
	for _, columns := range batch.Columns {
		more, err := columnReadings(batch, columns, names)
		if err != nil {
			return nil, err
		}
		readings = append(readings, more...)
	}
	return readings, nil
}

func rowReading(row *weirv1.Reading) reading {
	r := reading{sensor: row.Sensor, time: "-"}
	if row.Time != nil {
		r.time = strconv.FormatInt(row.Time.Seconds*1e9+int64(row.Time.Nanos), 10)
	}
	switch value := row.Value.(type) {
	case *weirv1.Reading_Double:
		r.kind, r.value = "double", value.Double
	case *weirv1.Reading_Integer:
		r.kind, r.value = "integer", value.Integer
	case *weirv1.Reading_Boolean:
		r.kind, r.value = "boolean", value.Boolean
	case *weirv1.Reading_Text:
		r.kind, r.value = "text", value.Text
	case *weirv1.Reading_Blob:
		r.kind, r.value = "blob", value.Blob
	}
	return r
}

func columnReadings(batch *weirv1.Batch, columns *weirv1.Columns, names map[uint32]string) ([]reading, error) {
	kind, values := columnValues(columns)
	count := int(columns.Count)
	offsets := columns.TimeOffsets
	if len(values) != count || (len(offsets) != 0 && len(offsets) != count) {
		return nil, fmt.Errorf("%d readings with %d values and %d offsets", count, len(values), len(offsets))
	}
	unit := int64(max(columns.TimeUnit, 1))
	readings := make([]reading, count)
	for i := range readings {
		sensor, err := columnSensor(batch, columns, i, names)
		if err != nil {
			return nil, err
		}
		nanos := int64(columns.TimeBase) + int64(i)*columns.TimeStep
		if len(offsets) != 0 {
			nanos += offsets[i] * unit
		}
		readings[i] = reading{sensor, strconv.FormatInt(nanos, 10), kind, values[i]}
	}
	return readings, nil
}

func columnValues(columns *weirv1.Columns) (string, []any) {
	switch {
	case len(columns.Doubles) > 0:
		return "double", anys(columns.Doubles)
	case len(columns.Integers) > 0:
		return "integer", anys(columns.Integers)
	case len(columns.Booleans) > 0:
		return "boolean", anys(columns.Booleans)
	case len(columns.Texts) > 0:
		return "text", anys(columns.Texts)
	}
	return "blob", anys(columns.Blobs)
}

func anys[T any](values []T) []any {
	out := make([]any, len(values))
	for i, value := range values {
		out[i] = value
	}
	return out
}

// columnSensor is the sensor of reading i: a single entry stands for all readings.
func columnSensor(batch *weirv1.Batch, columns *weirv1.Columns, i int, names map[uint32]string) (string, error) {
	entries := columns.SensorIds
	if len(columns.SensorRefs) > 0 {
		entries = columns.SensorRefs
	}
	if len(entries) == 1 {
		i = 0
	}
	if i >= len(entries) {
		return "", fmt.Errorf("%d sensors for %d readings", len(entries), columns.Count)
	}
	entry := entries[i]
	if len(columns.SensorRefs) > 0 {
		if int(entry) >= len(batch.Sensors) {
			return "", fmt.Errorf("ref %d to one of %d sensors", entry, len(batch.Sensors))
		}
		return batch.Sensors[entry].Name, nil
	}
	if names == nil {
		return fmt.Sprintf("#%d", entry), nil
	}
	name, known := names[entry]
	if !known {
		return "", fmt.Errorf("id %d came before its sensor", entry)
	}
	return name, nil
}
