package main

import (
	"strconv"
	"time"

	weirv1 "dev.weir/weir/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// rowsOf writes readings as rows.
func rowsOf(readings []reading) ([]*weirv1.Reading, error) {
	rows := make([]*weirv1.Reading, len(readings))
	for i, reading := range readings {
		nanos, err := strconv.ParseInt(reading.time, 10, 64)
		if err != nil {
			return nil, err
		}
		row := &weirv1.Reading{Sensor: reading.sensor, Time: timestamppb.New(time.Unix(0, nanos))}
		switch value := reading.value.(type) {
		case float64:
			row.Value = &weirv1.Reading_Double{Double: value}
		case int64:
			row.Value = &weirv1.Reading_Integer{Integer: value}
		case bool:
			row.Value = &weirv1.Reading_Boolean{Boolean: value}
		case string:
			row.Value = &weirv1.Reading_Text{Text: value}
		case []byte:
			row.Value = &weirv1.Reading_Blob{Blob: value}
		}
		rows[i] = row
	}
	return rows, nil
}

// columnsOf writes readings as runs of one kind, with offsets to the time of the first of each run: with
// ids where all of its sensors have one, else with refs.
func columnsOf(readings []reading, ids map[string]uint32) (*weirv1.Batch, error) {
	batch := &weirv1.Batch{}
	known := true
	for _, reading := range readings {
		_, bound := ids[reading.sensor]
		known = known && bound
	}
	refs := map[string]uint32{}
	var run *weirv1.Columns
	var runKind string
	for _, reading := range readings {
		nanos, err := strconv.ParseInt(reading.time, 10, 64)
		if err != nil {
			return nil, err
		}
		if run == nil || runKind != reading.kind {
			run, runKind = &weirv1.Columns{TimeBase: uint64(nanos)}, reading.kind
			batch.Columns = append(batch.Columns, run)
		}
		kind := add(run, reading.value)
		run.Count++
		run.TimeOffsets = append(run.TimeOffsets, nanos-int64(run.TimeBase))
		if known {
			run.SensorIds = append(run.SensorIds, ids[reading.sensor])
			continue
		}
		ref, listed := refs[reading.sensor]
		if !listed {
			ref = uint32(len(batch.Sensors))
			refs[reading.sensor] = ref
			sensor := &weirv1.Sensor{Name: reading.sensor, Kind: kind}
			batch.Sensors = append(batch.Sensors, sensor)
		}
		run.SensorRefs = append(run.SensorRefs, ref)
	}
	return batch, nil
}

// add appends a value to the list of its kind.
func add(run *weirv1.Columns, value any) weirv1.Kind {
	switch value := value.(type) {
	case float64:
		run.Doubles = append(run.Doubles, value)
		return weirv1.Kind_KIND_DOUBLE
	case int64:
		run.Integers = append(run.Integers, value)
		return weirv1.Kind_KIND_INTEGER
	case bool:
		run.Booleans = append(run.Booleans, value)
		return weirv1.Kind_KIND_BOOLEAN
	case string:
		run.Texts = append(run.Texts, value)
		return weirv1.Kind_KIND_TEXT
	case []byte:
		run.Blobs = append(run.Blobs, value)
		return weirv1.Kind_KIND_BLOB
	}
	return weirv1.Kind_KIND_UNSPECIFIED
}
