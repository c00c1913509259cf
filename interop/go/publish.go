package main

import (
	"bufio"
	"context"
	"fmt"
	"strconv"

	weirv1 "dev.weir/weir/v1"
	"google.golang.org/grpc"
)

// publishStream sends batches of columns, each when the one before it is acknowledged: with refs where
// a sensor is new in this session, and with the ids that the acks told where all of them are known.
func publishStream(ctx context.Context, connection *grpc.ClientConn, topic string, lines *bufio.Scanner) error {
	batches, err := batchesOf(lines)
	if err != nil {
		return err
	}
	call, err := weirv1.NewPublishServiceClient(connection).PublishStream(ctx)
	if err != nil {
		return err
	}
	open := &weirv1.PublishOpen{Topic: topic, Client: "interop-go"}
	request := &weirv1.PublishStreamRequest{Request: &weirv1.PublishStreamRequest_Open{Open: open}}
	if err := call.Send(request); err != nil {
		return err
	}
	response, err := call.Recv()
	if err != nil {
		return err
	}
	opened := response.GetOpened()
	say("opened", opened.GetEpoch(), opened.GetDurability())
	ids := map[string]uint32{}
	for i, readings := range batches {
		if err := publishBatch(call, uint64(i+1), readings, ids); err != nil {
			return err
		}
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	return atEnd(call.Recv())
}

func publishBatch(
	call grpc.BidiStreamingClient[weirv1.PublishStreamRequest, weirv1.PublishStreamResponse],
	sequence uint64, readings []reading, ids map[string]uint32,
) error {
	batch, err := columnsOf(readings, ids)
	if err != nil {
		return err
	}
	numbered := &weirv1.PublishBatch{Sequence: sequence, Batch: batch}
	request := &weirv1.PublishStreamRequest{Request: &weirv1.PublishStreamRequest_Batch{Batch: numbered}}
	if err := call.Send(request); err != nil {
		return err
	}
	response, err := call.Recv()
	if err != nil {
		return err
	}
	ack := response.GetAck()
	if ack == nil {
		return fmt.Errorf("%v; expected an ack", response)
	}
	for _, binding := range ack.Bindings {
		ids[binding.Name] = binding.Id
	}
	by := "ids"
	if len(batch.Sensors) > 0 {
		by = "refs"
	}
	say("ack", ack.ThroughSequence, ack.Durability, by, len(ack.Bindings))
	return nil
}

// publish stores all readings as rows in one call.
func publish(
	ctx context.Context, connection *grpc.ClientConn, topic, producer, sequence string, lines *bufio.Scanner,
) error {
	number, err := strconv.ParseUint(sequence, 10, 64)
	if err != nil {
		return err
	}
	batches, err := batchesOf(lines)
	if err != nil {
		return err
	}
	batch := &weirv1.Batch{}
	for _, readings := range batches {
		rows, err := rowsOf(readings)
		if err != nil {
			return err
		}
		batch.Rows = append(batch.Rows, rows...)
	}
	request := &weirv1.PublishRequest{Topic: topic, Producer: producer, Sequence: number, Batch: batch}
	response, err := weirv1.NewPublishServiceClient(connection).Publish(ctx, request)
	if err != nil {
		return err
	}
	stored := uint32(0)
	for _, part := range response.Parts {
		stored += part.Readings
	}
	say("stored", stored, response.Durability, response.Duplicate, response.RetrySafe)
	return nil
}

// batchesOf reads readings; an empty line ends a batch.
func batchesOf(lines *bufio.Scanner) ([][]reading, error) {
	batches := [][]reading{nil}
	for lines.Scan() {
		if lines.Text() == "" {
			batches = append(batches, nil)
			continue
		}
		reading, err := readingOf(lines.Text())
		if err != nil {
			return nil, err
		}
		last := len(batches) - 1
		batches[last] = append(batches[last], reading)
	}
	return batches, lines.Err()
}
