namespace Pipelines.Sockets.Unofficial.Arenas;

public delegate TTo Projection<TFrom, out TTo>(in TFrom from);

public delegate TTo Projection<TFrom, TState, out TTo>(in TFrom from, in TState state);
