package main

import (
	"errors"
	"fmt"
	"io"

	weirv1 "dev.weir/weir/v1"
)

// response is what Tail and Subscribe say alike.
type response interface {
	GetSensors() *weirv1.Sensors
	GetDelivery() *weirv1.Delivery
	GetGap() *weirv1.Gap
	GetEnd() *weirv1.SubscriptionEnd
}

// delivered are the names of ids in one call, and what was delivered there.
type delivered struct {
	names    map[uint32]string
	readings uint64
}

// take lists the readings of a response; true when it is the end.
func (d *delivered) take(response response) (bool, error) {
	for _, sensor := range response.GetSensors().GetSensors() {
		d.names[sensor.Id] = sensor.Name
	}
	if gap := response.GetGap(); gap != nil {
		return false, fmt.Errorf("a gap where nothing is missing: %v", gap)
	}
	if end := response.GetEnd(); end != nil {
		if end.Reason != weirv1.EndReason_END_REASON_UNTIL_REACHED {
			return false, fmt.Errorf("it ended otherwise: %v", end)
		}
		return true, nil
	}
	delivery := response.GetDelivery()
	var readings []reading
	for _, row := range delivery.GetReadings() {
		if row.Cursor == "" {
			return false, fmt.Errorf("a row without a cursor: %v", row)
		}
		readings = append(readings, rowReading(row))
	}
	for _, batch := range delivery.GetBatches() {
		more, err := readingsOf(batch, d.names)
		if err != nil {
			return false, err
		}
		readings = append(readings, more...)
	}
	if charged := delivery.GetChargedReadings(); charged != uint64(len(readings)) {
		return false, fmt.Errorf("%d readings, charged as %d", len(readings), charged)
	}
	d.readings += uint64(len(readings))
	list(readings)
	return false, nil
}

// untilEnd lists what a call delivers, up to its end. behind, if there is one, is called behind each
// delivery with the number of readings so far.
func untilEnd[T response](receive func() (T, error), behind func(uint64) error) error {
	got := delivered{names: map[uint32]string{}}
	for {
		response, err := receive()
		if err != nil {
			return err
		}
		ended, err := got.take(response)
		if err != nil || ended {
			return err
		}
		if behind != nil && response.GetDelivery() != nil {
			if err := behind(got.readings); err != nil {
				return err
			}
		}
	}
}

// atEnd is nil for what the receipt behind the last response must be.
func atEnd[T any](response T, err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%v behind the end", response)
}
