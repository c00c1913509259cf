package main

import (
	"context"
	"fmt"
	"strconv"

	weirv1 "dev.weir/weir/v1"
	"google.golang.org/grpc"
)

const (
	pageReadings = 100
	// creditReadings is how many readings `follow` lets the server be ahead.
	creditReadings = 3
)

var (
	everything = &weirv1.Selector{All: true}
	earliest   = &weirv1.Start{At: &weirv1.Start_Earliest{Earliest: true}}
	untilNow   = &weirv1.Until{Now: true}
	formats    = map[string]weirv1.Format{
		"rows": weirv1.Format_FORMAT_ROWS, "columns": weirv1.Format_FORMAT_COLUMNS,
	}
)

type reader func(context.Context, *grpc.ClientConn, string, weirv1.Format) error

// eachTopic lists the readings of topics one after the other, each behind a line with its name.
func eachTopic(
	ctx context.Context, connection *grpc.ClientConn, read reader, form string, topics []string,
) error {
	format, known := formats[form]
	if !known {
		return fmt.Errorf("%q is neither rows nor columns", form)
	}
	for _, topic := range topics {
		say("topic", topic)
		if err := read(ctx, connection, topic, format); err != nil {
			return err
		}
	}
	return nil
}

func tail(ctx context.Context, connection *grpc.ClientConn, topic string, format weirv1.Format) error {
	request := &weirv1.TailRequest{Topic: topic, Start: earliest, Until: untilNow, Format: format}
	call, err := weirv1.NewSubscribeServiceClient(connection).Tail(ctx, request)
	if err != nil {
		return err
	}
	if err := untilEnd(call.Recv, nil); err != nil {
		return err
	}
	return atEnd(call.Recv())
}

type subscription = grpc.BidiStreamingClient[weirv1.SubscribeRequest, weirv1.SubscribeResponse]

// opened is a session with one subscription, which the server has accepted.
func opened(ctx context.Context, connection *grpc.ClientConn, asked *weirv1.Subscription) (subscription, error) {
	call, err := weirv1.NewSubscribeServiceClient(connection).Subscribe(ctx)
	if err != nil {
		return nil, err
	}
	open := &weirv1.SubscribeOpen{Subscriptions: []*weirv1.Subscription{asked}, Client: "interop-go"}
	request := &weirv1.SubscribeRequest{Request: &weirv1.SubscribeRequest_Open{Open: open}}
	if err := call.Send(request); err != nil {
		return nil, err
	}
	for _, wanted := range []string{"opened", "status"} {
		response, err := call.Recv()
		if err != nil {
			return nil, err
		}
		if response.GetOpened() == nil && response.GetStatus().GetEffective() == nil {
			return nil, fmt.Errorf("%v; expected %s", response, wanted)
		}
	}
	return call, nil
}

// subscribe half-closes at once; deliveries go on.
func subscribe(ctx context.Context, connection *grpc.ClientConn, topic string, format weirv1.Format) error {
	call, err := opened(ctx, connection, &weirv1.Subscription{
		Topic: topic, Selector: everything, Start: earliest, Until: untilNow, Format: format,
	})
	if err != nil {
		return err
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	if err := untilEnd(call.Recv, nil); err != nil {
		return err
	}
	return atEnd(call.Recv())
}

// follow lists what is stored from now on, up to a count, and raises its credit behind each delivery.
func follow(ctx context.Context, connection *grpc.ClientConn, topic, count string) error {
	number, err := strconv.ParseUint(count, 10, 64)
	if err != nil {
		return err
	}
	total := uint64(creditReadings)
	call, err := opened(ctx, connection, &weirv1.Subscription{
		Topic: topic, Selector: everything, Until: &weirv1.Until{Count: number},
		Format: weirv1.Format_FORMAT_COLUMNS, Credit: &weirv1.Credit{Readings: &total},
	})
	if err != nil {
		return err
	}
	say("follows", topic)
	err = untilEnd(call.Recv, func(got uint64) error {
		total := got + creditReadings
		grant := &weirv1.GrantCredit{Credit: &weirv1.Credit{Readings: &total}}
		return call.Send(&weirv1.SubscribeRequest{Request: &weirv1.SubscribeRequest_Credit{Credit: grant}})
	})
	if err != nil {
		return err
	}
	if err := call.CloseSend(); err != nil {
		return err
	}
	for {
		response, err := call.Recv()
		// A grant may cross the end; what has ended takes no more credit.
		if err == nil && response.GetRefused().GetProblem().GetReason() == "SUBSCRIPTION_NOT_FOUND" {
			continue
		}
		return atEnd(response, err)
	}
}

// read asks page by page, each behind the cursor of the one before.
func read(ctx context.Context, connection *grpc.ClientConn, topic string, _ weirv1.Format) error {
	client := weirv1.NewSubscribeServiceClient(connection)
	for start := earliest; ; {
		page, err := client.Read(ctx, &weirv1.ReadRequest{Topic: topic, Start: start, Limit: pageReadings})
		if err != nil {
			return err
		}
		if len(page.Gaps) > 0 {
			return fmt.Errorf("gaps where nothing is missing: %v", page.Gaps)
		}
		for _, row := range page.Readings {
			list([]reading{rowReading(row)})
		}
		if page.CaughtUp {
			return nil
		}
		start = &weirv1.Start{At: &weirv1.Start_AfterCursor{AfterCursor: page.NextCursor}}
	}
}
